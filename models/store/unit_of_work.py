"""One unit of work: repositories that share a transaction."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from models.store.answers import AnswerRepository
from models.store.archive import ArchiveRepository
from models.store.assets import AssetRepository
from models.store.brand_studies import BrandStudyRepository
from models.store.brands import BrandProfileRepository, CompetitorRepository
from models.store.budgets import BudgetRepository
from models.store.calendar import CalendarRepository
from models.store.connections import ConnectionRepository, CredentialRepository, SyncRunRepository
from models.store.drafts import ApprovalRepository, DraftRepository
from models.store.events import EventRepository
from models.store.extracts import ExtractRepository
from models.store.jobs import JobRepository
from models.store.keys import WorkspaceKeyRepository
from models.store.manifests import ManifestRepository
from models.store.media import MediaJobRepository
from models.store.operations import OperationRepository
from models.store.outbox import OutboxRepository
from models.store.people import MembershipRepository, UserRepository
from models.store.planning_dates import PlanningDateRepository
from models.store.providers import ProviderRepository
from models.store.queries import QueryRepository
from models.store.session import Session
from models.store.sources import SourceRepository
from models.store.strategies import StrategyRepository
from models.store.strategy_decisions import StrategyDecisionRepository
from models.store.usage import UsageRepository
from models.store.workspaces import WorkspaceRepository


class UnitOfWork:
    """Repositories over one transaction, used as a context manager: what is not committed is rolled back at the end.

    After a commit or rollback the next statement begins a new transaction, so one unit may serve several service calls
    in a row. It belongs to one thread.
    """

    def __init__(self, engine: Engine) -> None:
        self._session = Session(engine)
        self.workspaces = WorkspaceRepository(self._session)
        self.users = UserRepository(self._session)
        self.memberships = MembershipRepository(self._session)
        self.brand_profiles = BrandProfileRepository(self._session)
        self.brand_studies = BrandStudyRepository(self._session)
        self.competitors = CompetitorRepository(self._session)
        self.sources = SourceRepository(self._session)
        self.strategies = StrategyRepository(self._session)
        self.strategy_decisions = StrategyDecisionRepository(self._session)
        self.calendar = CalendarRepository(self._session)
        self.planning_dates = PlanningDateRepository(self._session)
        self.drafts = DraftRepository(self._session)
        self.approvals = ApprovalRepository(self._session)
        self.jobs = JobRepository(self._session)
        self.events = EventRepository(self._session)
        self.keys = WorkspaceKeyRepository(self._session)
        self.connections = ConnectionRepository(self._session)
        self.credentials = CredentialRepository(self._session)
        self.syncs = SyncRunRepository(self._session)
        self.assets = AssetRepository(self._session)
        self.outbox = OutboxRepository(self._session)
        self.operations = OperationRepository(self._session)
        self.usage = UsageRepository(self._session)
        self.providers = ProviderRepository(self._session)
        self.budgets = BudgetRepository(self._session)
        self.answers = AnswerRepository(self._session)
        self.manifests = ManifestRepository(self._session)
        self.media = MediaJobRepository(self._session)
        self.queries = QueryRepository(self._session)
        self.extracts = ExtractRepository(self._session)
        self.archive = ArchiveRepository(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._session.rollback()
        finally:
            self._session.close()

    @property
    def writing(self) -> bool:
        """True while uncommitted changes, or the lock for them, are held."""
        return self._session.writing

    def begin_write(self) -> None:
        """Takes the lock for a change before reading what the change depends on."""
        self._session.begin_write()

    def commit(self) -> None:
        self._session.commit()

    def rollback(self) -> None:
        self._session.rollback()
