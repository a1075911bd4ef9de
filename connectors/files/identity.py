"""Who a row speaks of: the account and the entity's id, from columns, from links, or from what the person said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.files.binding import Binding
from connectors.files.intake import Arguments
from connectors.files.mapping import Mapping
from connectors.files.tabular import Row, Table
from connectors.files.values import mangled_id


class RowRefused(Exception):
    """A row that cannot be used, with the column that is to blame."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Identity:
    """Reads account and id of each row. `account_id` and `account_name` are the file's, for rows that tell none.

    `rounded_ids`: the long ids of the file all end in zeros where a spreadsheet cuts them off.
    """

    table: Table
    mapping: Mapping
    binding: Binding
    arguments: Arguments
    account_id: str
    account_name: str
    rounded_ids: bool = False

    @property
    def id_column(self) -> str | None:
        index = self.binding.id if self.binding.id is not None else self.binding.id_from
        return self.table.columns[index] if index is not None else None

    def account(self, row: Row) -> tuple[str, str]:
        """(account id, account name). Raises `RowRefused` where the row's own account cannot be told."""
        told = self.told_account(row)
        if told is None and not self.account_id and self.binding.account is not None:
            column = self.table.columns[self.binding.account]
            raise RowRefused(column, "the row does not tell which account it is of: import the file with --account")
        if told is None:
            return self.account_id, self.account_name
        account_id, name = told
        if name is None and (self.mapping.account.name or self.mapping.account.name_from_file):
            name = self.account_name if self.account_name != self.mapping.platform.label else None
        return self.arguments.account_of(account_id, name, self.account_id)

    def told_account(self, row: Row) -> tuple[str, str | None] | None:
        """(account id, display name) as the row itself says, or None where it says nothing."""
        if self.binding.account is None:
            return None
        rule, column = self.mapping.account, self.table.columns[self.binding.account]
        text = row.cells[self.binding.account].strip()
        if rule.pattern:
            match = re.search(rule.pattern, text)
            return (match[1].casefold(), match[1]) if match else None
        if reason := mangled_id(text):
            raise RowRefused(column, reason)
        if rule.split:
            parts = text.split(rule.split)
            if len(parts) < 2 or not -len(parts) <= rule.part < len(parts) or not parts[rule.part]:
                raise RowRefused(column, f"{text!r} does not tell the account: there is no {rule.split!r} in it")
            text = parts[rule.part]
        index = self.binding.account_name
        return text, (row.cells[index].strip() or None) if index is not None else None

    def entity_id(self, row: Row, account_id: str) -> str:
        """The id of the post or segment; the account's own id where rows speak of the account."""
        if self.binding.id is None and self.binding.id_from is None:
            return account_id
        written = row.cells[self.binding.id].strip() if self.binding.id is not None else ""
        reason = mangled_id(written) or (self._rounded(written) if self.rounded_ids else None)
        if reason is None:
            return written
        found = self.mapping.id_from.find(self._link(row)) if self.mapping.id_from else None
        if found:
            return found
        if self.binding.id is None:
            link = self._link(row)
            reason = f"the link {link!r} holds no id of a post" if link else "the row has no link, and so no id"
        raise RowRefused(self.id_column, reason)

    def _link(self, row: Row) -> str:
        return row.cells[self.binding.id_from].strip() if self.binding.id_from is not None else ""

    def _rounded(self, text: str) -> str | None:
        if not is_rounded(text):
            return None
        return (
            f"the id {text!r} ends in zeros as every long id of this file does, so a spreadsheet rounded it: export the "
            "file again and do not open it in a spreadsheet"
        )


PRECISE_DIGITS = 15
"""Digits of a whole number that a spreadsheet keeps."""


def is_rounded(text: str) -> bool:
    """Whether an id of digits has nothing but zeros beyond what a spreadsheet keeps."""
    return text.isascii() and text.isdigit() and len(text) > PRECISE_DIGITS and not text[PRECISE_DIGITS:].strip("0")
