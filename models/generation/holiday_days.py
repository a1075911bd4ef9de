"""Public holidays of a country, from the package `holidays`, without a network."""

from __future__ import annotations

from datetime import date

from models.errors import InvalidInput


def check_country(code: str) -> str:
    """The code in its usual form (`DE`, `DE-BY`), empty for none. Raises `InvalidInput` for one without a calendar."""
    import holidays

    wanted = code.strip().upper()
    if not wanted:
        return ""
    country, _, part = wanted.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or not country.isalpha() or len(country) != 2:
        raise InvalidInput(f"There is no calendar of holidays for {code!r}: give an ISO code such as DE or US-CA.")
    if part and part not in {name.upper() for name in known[country]}:
        listed = ", ".join(known[country]) or "none"
        raise InvalidInput(f"{country} has no part {part!r} with holidays of its own: give one of {listed}.")
    return wanted


def holidays_between(country: str, start: date, end: date) -> dict[date, str]:
    """Public holidays from `start` to `end`, both included, by day, with their English name where there is one."""
    import holidays

    if not country:
        return {}
    code, _, part = country.partition("-")
    names = {name.upper(): name for name in holidays.list_supported_countries()[code]}
    years = range(start.year, end.year + 1)
    offered = {found.upper(): found for found in holidays.list_localized_countries().get(code, ())}
    language = next((offered[name] for name in ("EN_US", "EN_GB", "EN") if name in offered), None)
    found = holidays.country_holidays(code, subdiv=names.get(part) if part else None, years=years, language=language)
    return {day: str(name) for day, name in sorted(found.items()) if start <= day <= end}
