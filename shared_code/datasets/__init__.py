"""What is read from a tenant: one file per area, each row type with its permission and licence."""
