"""Parameters and answers that several parts of the API share."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field

#: Row numbers as databases have them.
MOST = 2**63 - 1

#: The year 2100 in epoch ms: nothing is planned beyond.
LATEST = 4_102_444_800_000

Number = Annotated[int, Path(ge=1, le=MOST)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[int, Query(ge=0, le=MOST, description="`next` of the page before.")]
Before = Annotated[
    int | None, Query(ge=1, le=MOST, description="`next` of the page before; newest first.")
]


class Text(BaseModel):
    """Why a person does something; kept in the ledger's subject, so no personal data."""

    why: str = Field(default="", max_length=500)


class Created(BaseModel):
    id: int
