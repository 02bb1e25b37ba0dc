"""Adapter: the partner's mailbox."""
