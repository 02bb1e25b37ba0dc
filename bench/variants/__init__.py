"""What is measured, each in a fresh process: `python -m bench.variants.collecting JOB`."""
