"""Triggers: they translate between the host and the services, and decide retry, postpone, park."""
