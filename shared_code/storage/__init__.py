"""Adapters of Azure Storage and of the local scratch disk."""
