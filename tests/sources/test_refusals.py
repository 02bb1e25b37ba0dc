"""What Graph refuses is told apart by status and code: who acts, and what they have to do."""

import msgspec
import pytest

from shared_code.core.errors import (
    ConsentMissing,
    DatasetError,
    FeatureOff,
    LicenceMissing,
    PageTokenExpired,
    PermissionMissing,
    Reason,
    Throttled,
    UpstreamDown,
)
from tests.sources.stage import Answer, Staged, page, raw, refusal

NO_PREMIUM = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
P1, P2 = "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"


def skus(*plans: str, status: str = "Enabled") -> Answer:
    sku = {"id": "x", "capabilityStatus": status}
    parts = [{"servicePlanId": plan, "servicePlanName": "AAD"} for plan in plans]
    return raw(msgspec.json.encode({"value": [sku | {"servicePlans": parts}]}))


async def test_an_expired_page_token_asks_for_the_listing_again() -> None:
    async with Staged(
        page("1", following="/v1.0/a"), refusal(400, "Directory_ExpiredPageToken")
    ) as stage:
        with pytest.raises(PageTokenExpired):
            await stage.ids()


async def test_a_refused_token_is_renewed_once() -> None:
    async with Staged(refusal(401, "InvalidAuthenticationToken"), page("1")) as stage:
        assert await stage.ids() == ["1"]
        assert stage.stub.tokens == ["token-1", "token-2"]
        assert stage.time.slept == []


async def test_a_fresh_token_refused_too_is_not_blamed_on_the_customer() -> None:
    async with Staged(refusal(401, "InvalidAuthenticationToken")) as stage:
        with pytest.raises(UpstreamDown):
            await stage.ids()
        assert stage.stub.tokens == ["token-1", "token-2"]


async def test_what_was_granted_since_the_token_was_born_counts_at_once() -> None:
    async with Staged(page("1"), refusal(403, "Authorization_RequestDenied"), page("2")) as stage:
        await stage.ids()
        stage.time.pass_by(60)

        assert await stage.ids() == ["2"]

        assert stage.stub.tokens == ["token-1", "token-1", "token-2"]


async def test_a_permission_that_stays_missing_asks_for_no_token_each_time() -> None:
    async with Staged(page("1"), refusal(403, "Authorization_RequestDenied")) as stage:
        await stage.ids()
        stage.time.pass_by(60)
        for _ in range(5):
            with pytest.raises(PermissionMissing):
                await stage.ids()

        assert len(stage.issuer.issued) == 2


async def test_a_tenant_without_our_service_principal_has_not_consented() -> None:
    async with Staged(refusal(401, "Authorization_IdentityNotFound")) as stage:
        with pytest.raises(ConsentMissing):
            await stage.ids()


@pytest.mark.parametrize(
    "answer",
    [
        refusal(403, "Authorization_RequestDenied"),
        refusal(403, "Forbidden", inner="Authorization_RequestDenied"),
        refusal(403, "Authentication_MSGraphPermissionMissing"),
        raw(
            b'{"error": {"code": "UnknownError", "message":'
            b' "{\\"errorCode\\":\\"PermissionScopeNotGranted\\",\\"message\\":\\"x\\"}"}}',
            status=403,
        ),
    ],
)
async def test_a_missing_permission_is_named(answer: Answer) -> None:
    async with Staged(answer) as stage:
        with pytest.raises(PermissionMissing) as caught:
            await stage.ids()
        assert caught.value.dataset == "people"
        assert caught.value.detail == "User.Read.All, AuditLog.Read.All"


@pytest.mark.parametrize("code", ["AccessDenied", "accessDenied", "UnknownError", "", "A B <c>"])
async def test_another_403_is_access_refused_and_never_decided_by_its_message(code: str) -> None:
    async with Staged(refusal(403, code)) as stage:
        with pytest.raises(DatasetError) as caught:
            await stage.ids()
        assert caught.value.reason is Reason.ACCESS
        assert "Erika" not in str(caught.value)


async def test_no_premium_2_is_a_missing_licence() -> None:
    async with Staged(refusal(400, "AadPremiumLicenseRequired")) as stage:
        with pytest.raises(LicenceMissing) as caught:
            await stage.ids()
        assert caught.value.detail == "Microsoft Entra ID P1"


@pytest.mark.parametrize("answer", [skus(), skus("0" * 36), skus(P1, status="Suspended")])
async def test_premium_denied_and_not_owned_is_a_missing_licence(answer: Answer) -> None:
    async with Staged(refusal(403, NO_PREMIUM), answer) as stage:
        with pytest.raises(LicenceMissing) as caught:
            await stage.ids()
        assert caught.value.detail == "Microsoft Entra ID P1"
        assert (
            stage.stub.paths[1] == "/v1.0/subscribedSkus?$select=id,capabilityStatus,servicePlans"
        )


@pytest.mark.parametrize("answer", [skus(P1), skus(P2.upper()), skus(P1, status="Warning")])
async def test_premium_denied_but_owned_passes(answer: Answer) -> None:
    """Graph denies licences that exist (microsoft-graph-docs-contrib #3033)."""
    async with Staged(refusal(403, NO_PREMIUM), answer, page("1")) as stage:
        assert await stage.ids() == ["1"]


async def test_premium_denied_for_good_though_owned_is_microsofts_fault_and_asked_for_once() -> (
    None
):
    async with Staged(refusal(403, NO_PREMIUM), skus(P1), refusal(403, NO_PREMIUM)) as stage:
        for _ in range(2):
            with pytest.raises(UpstreamDown):
                await stage.ids()
        assert sum("subscribedSkus" in path for path in stage.stub.paths) == 1
        stage.time.pass_by(3600)
        with pytest.raises(LicenceMissing):  # the last answer now stands for the licences too
            await stage.ids()
        assert sum("subscribedSkus" in path for path in stage.stub.paths) == 2


async def test_licences_that_may_not_be_read_are_not_owned() -> None:
    denied = refusal(403, "Authorization_RequestDenied")
    async with Staged(refusal(403, NO_PREMIUM), denied) as stage:
        with pytest.raises(LicenceMissing):
            await stage.ids()


@pytest.mark.parametrize("code", ["Forbidden", "AccessDenied", "UnknownError"])
async def test_forbidden_and_not_owned_is_a_missing_licence_and_owned_is_access(code: str) -> None:
    """Identity protection and conditional access keep the reason to their message."""
    async with Staged(refusal(403, code), skus("0" * 36)) as stage:
        with pytest.raises(LicenceMissing) as caught:
            await stage.ids()
        assert caught.value.detail == "Microsoft Entra ID P1"
    async with Staged(refusal(403, code), skus(P1)) as stage:
        with pytest.raises(DatasetError) as refused:
            await stage.ids()
        assert refused.value.reason is Reason.ACCESS


async def test_a_missing_permission_is_one_whatever_the_tenant_owns() -> None:
    async with Staged(refusal(403, "Authorization_RequestDenied"), skus()) as stage:
        with pytest.raises(PermissionMissing):
            await stage.ids()
        assert len(stage.stub.paths) == 1


UNKNOWN_TENANT = b'{"error": {"code": "UnknownTenantId", "message": "We know no tenant Erika."}}'


@pytest.mark.parametrize(
    "body",
    [
        UNKNOWN_TENANT,
        msgspec.json.encode(
            {"error": {"code": "UnknownError", "message": UNKNOWN_TENANT.decode()}}
        ),
    ],
)
async def test_a_service_that_does_not_know_the_tenant_is_not_set_up_in_it(body: bytes) -> None:
    """Usage reports of a tenant that is new or uses none of the services."""
    async with Staged(raw(body, status=404)) as stage:
        with pytest.raises(FeatureOff) as caught:
            await stage.ids()
        assert "Erika" not in str(caught.value)
        assert len(stage.stub.paths) == 1


async def test_licences_that_cannot_be_read_now_prove_nothing() -> None:
    async with Staged(refusal(403, NO_PREMIUM), refusal(429, retry_after="300")) as stage:
        with pytest.raises(Throttled):
            await stage.ids()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": "x"}', b'{"error": {"code": 5}}', b"\xff"]
)
async def test_a_refusal_without_graphs_error_is_judged_by_its_status(body: bytes) -> None:
    async with Staged(raw(body, status=403)) as stage:
        with pytest.raises(DatasetError):
            await stage.ids()
