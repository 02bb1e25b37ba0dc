"""The nouns and rules of the service; nothing here does I/O."""
