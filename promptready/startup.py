"""What must hold before the app serves anybody: settings and catalog, judged together."""

from collections.abc import Mapping
from datetime import date

from promptready import catalog, settings
from promptready.errors import StartupRefused
from promptready.settings import Settings


def check(variables: Mapping[str, str], today: date) -> Settings:
    """
    Return the settings that `variables` make, knowing that their catalog can be used today.

    Raises:
        StartupRefused: one message that names every problem of both.
    """
    chosen: Settings | None = None
    refusals = []
    try:
        chosen = settings.load(variables)
    except StartupRefused as refusal:
        refusals.append(str(refusal))
    try:
        catalog.load(settings.catalog_path(variables), today)
    except StartupRefused as refusal:
        refusals.append(str(refusal))
    if chosen is None or refusals:
        raise StartupRefused("\n".join(refusals))
    return chosen
