"""Public holidays of a country, worked out once when a policy is compiled: another version of the package may differ."""

from collections.abc import Iterator
from datetime import date

from shared.policy.noun import Localised, Misfit

NAMED_IN = {"ar": ("ar",), "en": ("en_US", "en_GB", "en")}


def public_holidays(country: str, first_year: int, last_year: int) -> Iterator[tuple[date, Localised]]:
    """Dates in order, named in Arabic and English where the package can. Without substitute days: those follow the
    package's idea of a weekend, and the desk's own wins. An unknown country raises Misfit."""
    import holidays

    code, _, region = country.partition("-")
    years = range(first_year, last_year + 1)
    try:
        tongues = holidays.country_holidays(code, subdiv=region or None).supported_languages
        named = {
            language: holidays.country_holidays(
                code,
                subdiv=region or None,
                years=years,
                observed=False,
                language=next((tongue for tongue in choices if tongue in tongues), None),
            )
            for language, choices in NAMED_IN.items()
        }
    except NotImplementedError as unknown:
        raise Misfit(f"no holidays are known for {country!r}", "list the dates under holidays instead") from unknown
    for day in sorted(named["en"]):
        yield day, Localised(ar=named["ar"].get(day, ""), en=named["en"].get(day, ""))
