"""The Dagster asset of an organisation's inbox."""

from __future__ import annotations

import dagster as dg

from connectors.errors import ConnectorError, RetryLater
from pipelines.inbox.reading import read_inbox
from pipelines.runtime import Runtime
from pipelines.settings import Organisation
from pipelines.transformation import files_key


def files_asset(organisation: Organisation, runtime: Runtime) -> dg.AssetsDefinition:
    """What people hand in as files; materialising it reads the inbox. A refused file is its owner's matter."""

    @dg.asset(
        key=files_key(organisation),
        group_name=organisation.id,
        description="Files dropped in the inbox or imported with resfri import: travel, staff, meetings and more.",
        op_tags={"organisation": organisation.id},
    )
    def files() -> dg.MaterializeResult[None]:
        try:
            reading = read_inbox(organisation, runtime)
        except ConnectorError as error:
            raise dg.Failure(str(error), allow_retries=isinstance(error, RetryLater)) from None
        return dg.MaterializeResult(
            metadata={
                "read": reading.read,
                "unchanged": reading.unchanged,
                "refused": reading.refused,
                "waiting": reading.waiting,
                "faults": reading.faults,
                "files": reading.lines,
            }
        )

    return files
