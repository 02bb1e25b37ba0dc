"""Checks of the templates that need no cloud: python -m infra.check.

source       a Bicep file as a tree, and what a finding is
expressions  which kind of value an expression gives
names        what is read is declared: symbols, functions, properties, outputs
parameters   what modules and parameter files set is asked for
bodies       resources against the types that Microsoft publishes
agreement    templates and code: settings, storage, Python, timers, permissions
platform     words, names and orders that Azure knows, and no others
access       roles, keys, secrets, what must be locked and what must be logged
"""
