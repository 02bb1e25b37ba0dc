"""What a run costs at list prices: an estimate to compare customers and reports by, not a bill."""

from collections.abc import Mapping

# Azure Functions, Flex Consumption, on demand, East US, in US dollars; as published in May 2025
# (azure.microsoft.com/pricing/details/functions). Free grants and other regions are left out.
GIGABYTE_SECOND = 0.000026
EXECUTION = 0.40 / 1_000_000

# Requests to storage by kind, as `Meter.operations` has them: a European region, zone-redundant,
# rounded, 2025.
OPERATIONS: Mapping[str, float] = {
    "blob writes": 0.0625 / 10_000,
    "blob reads": 0.005 / 10_000,
    "queue writes": 0.0005 / 10_000,
    "queue reads": 0.0005 / 10_000,
    "table writes": 0.00045 / 10_000,
    "table reads": 0.00045 / 10_000,
}


def estimate(seconds: float, *, gigabytes: float, operations: Mapping[str, int]) -> float:
    """Of one execution on an instance of so much memory, as if no other run had shared it, and of
    its requests to storage.

    Several runs do share one, so this is too much rather than too little. What is kept in storage,
    Log Analytics and network are not in it: they are not counted per run.
    """
    requests = sum(OPERATIONS[kind] * count for kind, count in operations.items())
    return seconds * gigabytes * GIGABYTE_SECOND + EXECUTION + requests
