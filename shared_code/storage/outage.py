"""Outage: storage does not answer this time; anything else that it says, it will say again."""

from http import HTTPStatus

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


def is_outage(error: AzureError) -> bool:
    """What the SDKs' own repetitions, over seconds, did not outlast."""
    if isinstance(error, HttpResponseError):
        status = error.status_code or 0
        return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, ServiceRequestError | ServiceResponseError)
