"""The sandbox: a Graph-shaped service with invented tenants, for the local stage and for tests."""

from dev.sandbox.customers import contoso, fabrikam, northwind, three_customers
from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.population import Customer, Population
from dev.sandbox.server import Sandbox

__all__ = [
    "Customer",
    "Fault",
    "FaultKind",
    "Population",
    "Sandbox",
    "contoso",
    "fabrikam",
    "northwind",
    "three_customers",
]
