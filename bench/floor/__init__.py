"""The floor: what the machine needs at least, in C++. Optional, and no part of the service."""
