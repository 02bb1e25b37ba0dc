"""What a run costs at list prices: an estimate to compare customers and reports by, not a bill."""

# Azure Functions, Flex Consumption, on demand, East US, in US dollars; as published in May 2025
# (azure.microsoft.com/pricing/details/functions). Free grants and other regions are left out.
GIGABYTE_SECOND = 0.000026
EXECUTION = 0.40 / 1_000_000


def estimate(seconds: float, *, gigabytes: float) -> float:
    """Of one execution on an instance of so much memory, as if no other run had shared it.

    Several runs do share one, so this is too much rather than too little. Storage, Log Analytics
    and network are not in it: they are not counted per run.
    """
    return seconds * gigabytes * GIGABYTE_SECOND + EXECUTION
