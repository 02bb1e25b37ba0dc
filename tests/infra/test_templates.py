"""The templates: what the checks of infra/check say of them, and that they say it of faults."""

import base64
import shutil
from pathlib import Path

import pytest

from infra.check import __main__ as check
from infra.check.source import Finding, Template, decorator

TEMPLATES = Path(__file__).parents[2] / "infra"
TYPES = Path(__file__).parents[2].parent / "shared" / "contract" / "bicep-types"

with_types = pytest.mark.skipif(
    not TYPES.is_dir(), reason="Microsoft's published types are not beside this checkout"
)


def test_the_templates_agree_with_the_code_and_every_name_in_them_means_something() -> None:
    assert check.findings(TEMPLATES) == []


@with_types
def test_every_resource_is_as_its_published_type() -> None:
    assert check.findings(TEMPLATES, types=TYPES) == []


def test_every_parameter_of_an_environment_is_explained() -> None:
    main = Template(TEMPLATES / "main.bicep", TEMPLATES)

    assert [p.name for p in main.all("parameter") if decorator(p, "description") is None] == []


def seeded(folder: Path, file: str, before: str, after: str) -> tuple[list[Finding], range]:
    """What is found once `before` reads `after`, and the lines of the declaration that is in."""
    shutil.copytree(TEMPLATES, folder / "infra", ignore=shutil.ignore_patterns("*.py"))
    shutil.copytree(check.FUNCTIONS, folder / "functions")
    path = folder / ("" if file.startswith("functions/") else "infra") / file
    source = path.read_text("utf-8")
    assert source.count(before) == 1, f"{file} has {source.count(before)} times {before!r}"
    path.write_text(source.replace(before, after), "utf-8")
    found = check.findings(
        folder / "infra", types=TYPES if TYPES.is_dir() else None, functions=folder / "functions"
    )
    last = source[: source.index(before)].count("\n") + after.count("\n") + 1
    return found, range(_declared(source.splitlines(), last), last + 1)


def _declared(lines: list[str], last: int) -> int:
    """Where the declaration begins that reaches to this line."""
    return max(n for n, line in enumerate(lines[:last], 1) if line[:1].isalpha() or n == 1)


OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ASSIGNMENT = f"""
resource all 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{
  name: guid(resourceGroup().id)
  properties: {{
    principalId: tenant().tenantId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{OWNER}')
  }}
}}

"""
SECRET = base64.b64encode(bytes(range(32))).decode()

AGREEMENT = [
    ("main.bicep", "  'upkeep-poison'", "  'upkeep-parked'", "STORAGE", "no code uses upkeep-parked"),
    ("main.bicep", "'reports', 'spool'", "'reports', 'spools'", "STORAGE", "code uses spool,"),
    ("main.bicep", "  'proofs'\n", "  'proof'\n", "STORAGE", "no code uses proof"),
    ("modules/app.bicep", "  LINK_LIFETIME_DAYS:", "  LINK_LIFETIME:", "SETTING", "LINK_LIFETIME is"),
    ("modules/app.bicep", "  LINK_LIFETIME_DAYS: string(linkLifetimeDays)\n", "", "SETTING", "LINK_LIFETIME_DAYS is read"),
    ("modules/app.bicep", "version: '3.13'", "version: '3.12'", "PYTHON", "3.13"),
    ("modules/app.bicep", "  MAIL_SENDER: mailSender\n", "  MAIL_SENDER: mailSender\n  MAIL_COPY: 'x'\n", "SETTING", "MAIL_COPY is set, but"),
    ("alerts.bicep", "plan_digests: 2", "plan_mails: 2", "ALERT", "no timer plan_mails"),
    ("alerts.bicep", "apply_retention: 26", "apply_retention: 3", "ALERT", "26 hours"),
    ("permissions.json", '  "permissions": [\n    "AuditLog.Read.All",\n', '  "permissions": [\n', "PERMISSION", "AuditLog.Read.All is needed"),
    ("permissions.json", '  "permissions": [\n', '  "permissions": [\n    "Mail.ReadWrite",\n', "PERMISSION", "Mail.ReadWrite is asked for"),
    (
        "modules/roles.bicep",
        "(vault.id, principalId, vaultSecretsUser)\n  scope: vault\n",
        "(vault.id, principalId, vaultSecretsUser)\n  scope: insights\n",
        "ROLE",
        "Key Vault Secrets User on insights is more",
    ),
    ("modules/roles.bicep", "roleDefinitions', vaultSecretsUser)", f"roleDefinitions', '{OWNER}')", "ROLE", OWNER),
    ("modules/people.bicep", "roleDefinitions', vaultSecretsOfficer)", f"roleDefinitions', '{CONTRIBUTOR}')", "ROLE", CONTRIBUTOR),
    ("modules/vault.bicep", "output name string", f"{ASSIGNMENT}output name string", "ROLE", OWNER),
    ("modules/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "LOCKED", "False"),
    ("modules/storage.bicep", "allowBlobPublicAccess: false", "allowBlobPublicAccess: true", "LOCKED", "False"),
    ("modules/storage.bicep", "publicAccess: 'None'", "publicAccess: 'Blob'", "LOCKED", "None"),
    ("modules/storage.bicep", "output id string = account.id", "output id string = account.listKeys().keys[0].value", "LOCKED", "no keys"),
    ("modules/storage.bicep", "  properties: { publicAccess: 'None' }\n", "  properties: { publicAccess: 'None' }\n  resource inner 'policies' = { name: 'x' }\n", "NESTED", "resource in a resource"),
    ("main.bicep", "'modules/vault.bicep'", "'br/public:avm/res/key-vault/vault:0.13.0'", "REMOTE", "br/public"),
    ("test.bicepparam", "readEnvironmentVariable('GRAPH_CLIENT_ID')", f"'{SECRET}'", "SECRET", "no secrets"),
    ("main.parameters.json", "${GRAPH_CLIENT_ID}", f"k1:{SECRET}", "SECRET", "no secrets"),
    ("modules/storage.bicep", "    allowBlobPublicAccess: false\n", "", "LOCKED", "allowBlobPublicAccess"),
    ("modules/storage.bicep", "output id string = account.id", "output id string = acount.id", "BCP057", "acount"),
    ("main.bicep", "vault.outputs.uri", "vault.outputs.url", "BCP053", "outputs.url"),
    ("main.bicep", "    amount: budget\n", "", "BCP035", "amount is missing"),
    ("main.bicep", "    amount: budget\n", "    amount: 'all'\n", "BCP036", "string given"),
    ("main.bicep", "    amount: budget\n", "    amount: budget\n    most: 3\n", "BCP037", "parameter most"),
    ("main.bicep", "'modules/vault.bicep'", "'modules/safe.bicep'", "BCP091", "safe.bicep"),
    ("modules/vault.bicep", "output uri string = vault.", "output uri string = = vault.", "SYNTAX", "not Bicep"),
    ("modules/vault.bicep", "param token string", "param token string\nparam spare int", "UNUSED", "spare"),
    ("test.bicepparam", "param logDays = 90", "param logDay = 90", "BCP037", "logDay"),
    ("main.parameters.json", '"alertAddress"', '"alertMail"', "BCP037", "alertMail"),
]  # fmt: skip
PLATFORM = [
    ("modules/app.bicep", "{ name: 'http', instanceCount", "{ name: 'https', instanceCount", "PLATFORM", "http|durable"),
    ("modules/app.bicep", "type: 'UserAssignedIdentity'", "type: 'SystemAssignedIdentity'", "PLATFORM", "UserAssignedIdentity"),
    ("modules/app.bicep", "    keyVaultReferenceIdentity: identityId\n", "", "PLATFORM", "keyVaultReferenceIdentity is missing"),
    ("modules/app.bicep", "      ftpsState: 'Disabled'\n", "      ftpsState: 'Disabled'\n      linuxFxVersion: 'PYTHON|3.13'\n", "PLATFORM", "not on Flex"),
    ("modules/app.bicep", "[{ category: 'AllMetrics'", "[{ category: 'Metrics'", "PLATFORM", "not among what is logged of metrics"),
    ("modules/storage.bicep", "'StorageDelete'", "'StorageDeletes'", "PLATFORM", "not among what is logged of audit"),
    ("modules/vault.bicep", "categoryGroup: 'audit'", "categoryGroup: 'audits'", "PLATFORM", "not among what is logged of audit"),
    ("modules/vault.bicep", "publicNetworkAccess: 'Enabled'", "publicNetworkAccess: 'Disabled'", "PLATFORM", "Enabled"),
    ("modules/vault.bicep", "'kv-${token}'", "'kv-of-reports-${token}'", "PLATFORM", "a name of 27"),
    ("main.bicep", "'stdata${token}'", "'st-data${token}'", "PLATFORM", "st-data"),
    ("main.bicep", "'sthost${token}'", "'sthostofreports${token}'", "PLATFORM", "a name of 28"),
    ("main.bicep", "  dependsOn: [roles]\n", "", "PLATFORM", "app must depend on roles"),
    ("modules/network.bicep", "'Microsoft.App/environments'", "'Microsoft.Web/serverFarms'", "PLATFORM", "Microsoft.App/environments"),
    ("modules/network.bicep", "service: 'queue' }", "service: 'queues' }", "PLATFORM", "blob|queue|table"),
    ("modules/network.bicep", "'privatelink.${service}.", "'private.${service}.", "PLATFORM", "privatelink"),
    ("modules/budget.bicep", "'Monthly'", "'Month'", "PLATFORM", "Monthly"),
    ("modules/budget.bicep", "'Forecasted'", "'Forecast'", "PLATFORM", "Forecasted"),
    ("modules/monitoring.bicep", "groupShortName: 'reports'", "groupShortName: 'pro-active reports'", "PLATFORM", "1,12"),
    ("alerts.bicep", "metricName: 'Transactions'", "metricName: 'Transaction'", "PLATFORM", "Transactions"),
    ("alerts.bicep", "'ServerBusyError'", "'ServerBusy'", "PLATFORM", "ServerBusyError"),
    ("alerts.bicep", "window: 'P2D'", "window: 'P3D'", "PLATFORM", "P2D"),
    ("alerts.bicep", "AppRequests\n| where OperationName endswith", "AppRequest\n| where OperationName endswith", "PLATFORM", "AppRequest"),
    ("alerts.bicep", "max(TimeGenerated) by OperationName", "max(TimeGenerated) by Operation_Name", "PLATFORM", "Operation_Name"),
    ("workbook.json", "percentile(DurationMs, 50)", "percentile(Duration, 50)", "PLATFORM", "Duration"),
    ("test.bicepparam", "param restoreDays = 1", "param restoreDays = 0", "BCP036", "minValue is 1"),
    ("test.bicepparam", "param environmentName = 'test'", "param environmentName = 't'", "BCP036", "minLength is 2"),
    ("production.bicepparam", "param maximumInstances = 40", "param maximumInstances = 4000", "BCP036", "maxValue is 1000"),
]  # fmt: skip
TYPED = [
    ("modules/app.bicep", "    httpsOnly: true\n", "    httpsOnly: true\n    httpOnly: true\n", "BCP037", "httpOnly"),
    ("modules/app.bicep", "    httpsOnly: true\n", "    httpsOnly: 'yes'\n", "BCP036", "string given"),
    ("modules/app.bicep", "maximumInstanceCount: maximumInstances", "maximumInstanceCount: partnerName", "BCP036", "integer"),
    ("modules/app.bicep", "Microsoft.Web/sites@2024-11-01", "Microsoft.Web/sites@2024-10-01", "BCP081", "2024-10-01"),
    ("modules/vault.bicep", "    tenantId: tenant().tenantId\n", "", "BCP035", "tenantId is missing"),
    ("modules/storage.bicep", "properties.primaryEndpoints.queue", "properties.primaryEndpoint.queue", "BCP053", "primaryEndpoint"),
    ("modules/storage.bicep", "'TLS1_2'", "'TLS12'", "BCP036", "TLS12"),
    ("alerts.bicep", "SingleResourceMultipleMetricCriteria", "SingleMetricCriteria", "BCP078", "odata.type"),
]  # fmt: skip


@pytest.mark.parametrize("fault", [*AGREEMENT, *PLATFORM])
def test_a_fault_is_reported_with_file_and_line(
    tmp_path: Path, fault: tuple[str, str, str, str, str]
) -> None:
    file, before, after, rule, words = fault
    found, lines = seeded(tmp_path, file, before, after)

    assert_reported(found, file, lines, rule, words)


@with_types
@pytest.mark.parametrize("fault", TYPED)
def test_what_the_published_types_refuse_is_reported_with_file_and_line(
    tmp_path: Path, fault: tuple[str, str, str, str, str]
) -> None:
    file, before, after, rule, words = fault
    found, lines = seeded(tmp_path, file, before, after)

    assert_reported(found, file, lines, rule, words)


def assert_reported(found: list[Finding], file: str, lines: range, rule: str, words: str) -> None:
    reported = [f for f in found if f.file == file and f.rule == rule and words in f.text]
    assert reported, [str(f) for f in found]
    assert reported[0].line in lines
    assert f"{file}:{reported[0].line}: {rule}" in str(reported[0])


# What is missing is reported where the others are, or where it is missed.
ELSEWHERE = [
    (
        ("modules/roles.bicep", "blobDelegator, queueDataContributor, ", "blobDelegator, "),
        "ROLE Storage Queue Data Contributor on dataStorage is missing",
        ("modules/roles.bicep", "resource onDataStorage "),
    ),
    (
        ("modules/vault.bicep", "  scope: vault\n", ""),
        "WATCHED vault is in no log",
        ("modules/vault.bicep", "resource vault "),
    ),
    (
        ("functions/lifecycle.py", "0 20 * * * *", "0 20 4 * * *"),
        "ALERT end_services runs at 0 20 4 * * *: 26 hours",
        ("alerts.bicep", "  end_services: 3"),
    ),
    (
        ("functions/lifecycle.py", "0 20 * * * *", "%END_SERVICES%"),
        "SETTING END_SERVICES is read, but not set",
        ("modules/app.bicep", "var settings = "),
    ),
    (
        ("functions/runs.py", 'queue_name="runs"', 'queue_name="orders"'),
        "STORAGE queues: the code uses orders, which is not there",
        ("main.bicep", "var queues = "),
    ),
]


@pytest.mark.parametrize(("fault", "words", "place"), ELSEWHERE)
def test_what_is_missing_is_reported_where_it_belongs(
    tmp_path: Path, fault: tuple[str, str, str], words: str, place: tuple[str, str]
) -> None:
    found, _ = seeded(tmp_path, *fault)

    [missing] = [f for f in found if words in str(f)]
    source = (TEMPLATES / missing.file).read_text("utf-8").splitlines()
    assert missing.file == place[0]
    assert source[missing.line - 1].startswith(place[1])


def test_the_command_line_names_what_is_not_checked_against_types(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check.main([str(TEMPLATES)]) == 0

    assert "0 findings; not checked against types: " in capsys.readouterr().out


def test_the_command_line_fails_when_something_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeded(tmp_path, "main.bicep", "  'upkeep'\n", "")

    assert check.main([str(tmp_path / "infra")]) == 1

    assert "main.bicep:" in capsys.readouterr().out
