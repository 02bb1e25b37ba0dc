"""Style, script and template of the HTML page."""
