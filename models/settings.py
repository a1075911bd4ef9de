"""Settings: every value an operator can set, read from `FABRIC_*` variables or a `.env` file.

Only composition roots (the command line, Dagster definitions, the app's entry point) call `load_settings`; everything
below them receives plain values. `.env.example` lists each field and a test keeps the two equal.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.domain.connection import Vendor
from models.domain.social import Platform
from models.domain.spending import MICRO, ProviderAccess, models_by_tier
from models.errors import InvalidInput


class Settings(BaseSettings):
    """One installation's settings. Paths are absolute after loading."""

    model_config = SettingsConfigDict(env_prefix="FABRIC_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("data"), description="Directory that holds every store; a second home is a second installation."
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL of the operational store; empty: SQLite inside the home."
    )
    warehouse_url: str = Field(
        default="",
        repr=False,
        description="Engine of the warehouse; empty: one DuckDB file inside the home; "
        "ducklake:postgresql://user:password@host:port/database: a lake that a team shares (docs/team.md). "
        "See docs/scale.md for Spark.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="Level of the log written to stderr: DEBUG, INFO, WARNING or ERROR."
    )
    app_host: str = Field(
        default="127.0.0.1", description="Address the app binds to; the dev sign-in works on loopback only."
    )
    app_port: int = Field(default=8501, ge=1, le=65535, description="Port of the app.")
    dagster_port: int = Field(default=3000, ge=1, le=65535, description="Port of the Dagster UI, always on loopback.")
    dev_sign_in: bool = Field(
        default=True,
        description="Offer the password-less sign-in of a local installation; refused unless app_host is loopback.",
    )

    sandbox_port: int = Field(default=8710, ge=1, le=65535, description="Port of the sandbox, always on loopback.")
    asset_base_url: str = Field(
        default="",
        description="Public address below which media files of posts can be downloaded by platforms; empty: sandbox only.",
    )
    asset_port: int = Field(
        default=8711, ge=1, le=65535,
        description="Port of fabric serve media, always on loopback, for the proxy behind asset_base_url.",
    )  # fmt: skip
    meta_client_id: str = Field(default="", description="Client id of the Meta app for Facebook and Instagram.")
    meta_client_secret: str = Field(default="", description="Client secret of the Meta app.", repr=False)
    linkedin_client_id: str = Field(default="", description="Client id of the LinkedIn app.")
    linkedin_client_secret: str = Field(default="", description="Client secret of the LinkedIn app.", repr=False)
    x_client_id: str = Field(default="", description="Client id of the X app.")
    x_client_secret: str = Field(default="", description="Client secret of the X app.", repr=False)
    tiktok_client_id: str = Field(default="", description="Client key of the TikTok app.")
    tiktok_client_secret: str = Field(default="", description="Client secret of the TikTok app.", repr=False)
    google_client_id: str = Field(default="", description="Client id of the Google app for YouTube.")
    google_client_secret: str = Field(default="", description="Client secret of the Google app.", repr=False)

    embedder: Literal["minilm", "multilingual", "openai"] = Field(
        default="minilm",
        description="What makes vectors of texts for search: minilm (English, on this machine), multilingual (many languages, "
        "on this machine, extra multilingual) or openai (with the workspace's own key). A change re-indexes.",
    )

    openai_api_key: str = Field(
        default="",
        repr=False,
        description="OpenAI key of the installation; a workspace's own key wins (fabric ai set).",
    )
    openai_base_url: str = Field(default="", description="Another address of OpenAI's interface, such as a proxy.")
    anthropic_api_key: str = Field(default="", repr=False, description="Anthropic key of the installation.")
    google_api_key: str = Field(default="", repr=False, description="Google Gemini key of the installation.")
    compatible_protocol: Literal["openai", "anthropic"] = Field(
        default="openai", description="Interface that the compatible endpoint speaks: openai or anthropic."
    )
    compatible_base_url: str = Field(
        default="", description="Address of an endpoint that speaks that interface, such as http://127.0.0.1:11434/v1."
    )
    compatible_api_key: str = Field(default="", repr=False, description="Key of the compatible endpoint; often none.")
    compatible_models: str = Field(
        default="", description="Its models by tier, such as draft=small, standard=large (draft, standard, premium)."
    )
    compatible_local: bool = Field(
        default=False, description="The compatible endpoint runs on your own machines and its calls cost nothing."
    )
    model_patience: float = Field(
        default=1.0, ge=1.0, le=100.0,
        description="How many times longer than usual to wait for a language model: more for one on slow hardware of your own.",
    )  # fmt: skip
    stability_api_key: str = Field(default="", repr=False, description="Stability key, for pictures.")
    midjourney_base_url: str = Field(default="", description="Address of a Midjourney-compatible service.")
    midjourney_api_key: str = Field(default="", repr=False, description="Key of the Midjourney-compatible service.")
    runway_api_key: str = Field(default="", repr=False, description="Runway key, for videos.")
    luma_api_key: str = Field(default="", repr=False, description="Luma key, for videos.")
    pika_api_key: str = Field(default="", repr=False, description="Pika (fal.ai) key, for videos.")
    elevenlabs_api_key: str = Field(default="", repr=False, description="ElevenLabs key, for recordings.")
    murf_api_key: str = Field(default="", repr=False, description="Murf key, for recordings.")
    media_prices: str = Field(
        default="",
        description="Own prices of media models in US dollars a picture, second of video or thousand characters, such as "
        "luma/ray-2=0.14, murf/GEN2=0.03.",
    )
    card_fonts: str = Field(
        default="", description="Font files for cards in scripts that Source Sans lacks, separated by commas."
    )
    ai_monthly_budget_usd: float = Field(
        default=20.0, ge=0, le=1_000_000,
        description="US dollars that a workspace without a budget of its own may spend a month on models (fabric ai budget).",
    )  # fmt: skip
    ai_allow_unpriced: bool = Field(
        default=False, description="Call models whose price is not known; no budget can bound what they cost."
    )

    master_key: str = Field(
        default="",
        repr=False,
        description="Key that protects stored credentials, 32 bytes in base64; empty: the file master.key in the home.",
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @cached_property
    def store_url(self) -> str:
        """SQLAlchemy URL of the operational store."""
        return self.database_url or f"sqlite:///{self.home / 'fabric.db'}"

    def oauth_app(self, vendor: Vendor) -> tuple[str, str]:
        """(client id, client secret) of the app that signs people in; empty for services that have keys instead.

        Raises `InvalidInput` naming the settings that are missing.
        """
        if vendor.platform is Platform.EMAIL:
            return "", ""
        app = {Vendor.FACEBOOK: "meta", Vendor.INSTAGRAM: "meta", Vendor.YOUTUBE: "google"}.get(vendor, vendor.value)
        client_id, client_secret = getattr(self, f"{app}_client_id"), getattr(self, f"{app}_client_secret")
        if not client_id or not client_secret:
            raise InvalidInput(
                f"To sign in to {vendor.label}, register an app there and set FABRIC_{app.upper()}_CLIENT_ID and "
                f"FABRIC_{app.upper()}_CLIENT_SECRET; --sandbox works without."
            )
        return client_id, client_secret

    def provider_access(self) -> dict[str, ProviderAccess]:
        """The model providers that the installation has keys or addresses for, by name. Raises `InvalidInput`."""
        compatible = f"{self.compatible_protocol}-compatible"
        given = [
            ProviderAccess("openai", self.openai_base_url, key=self.openai_api_key),
            ProviderAccess("anthropic", key=self.anthropic_api_key),
            ProviderAccess("google", key=self.google_api_key),
            ProviderAccess("stability", key=self.stability_api_key),
            ProviderAccess("midjourney", self.midjourney_base_url, key=self.midjourney_api_key),
            ProviderAccess("runway", key=self.runway_api_key),
            ProviderAccess("luma", key=self.luma_api_key),
            ProviderAccess("pika", key=self.pika_api_key),
            ProviderAccess("elevenlabs", key=self.elevenlabs_api_key),
            ProviderAccess("murf", key=self.murf_api_key),
        ]
        found = {access.provider: access for access in given if access.key}
        if self.compatible_base_url:
            found[compatible] = ProviderAccess(
                compatible, self.compatible_base_url, models_by_tier(self.compatible_models.split(",")),
                self.compatible_api_key, self.compatible_local,
            )  # fmt: skip
        return found

    @property
    def ai_monthly_budget(self) -> int:
        """In millionths of a US dollar."""
        return round(self.ai_monthly_budget_usd * MICRO)

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def sandbox_dir(self) -> Path:
        return self.home / "sandbox"

    @property
    def landing_dir(self) -> Path:
        return self.home / "landing"

    @property
    def warehouse_identity(self) -> str:
        """What tells this installation's warehouse from another's, without its secrets."""
        return hashlib.sha256(f"{self.warehouse_dir} {self.warehouse_url}".encode()).hexdigest()

    @property
    def warehouse_dir(self) -> Path:
        return self.home / "warehouse"

    @property
    def serving_dir(self) -> Path:
        return self.home / "serving"

    @property
    def vectors_dir(self) -> Path:
        return self.home / "vectors"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def dbt_target_dir(self) -> Path:
        return self.home / "dbt"


def load_settings() -> Settings:
    """Settings of this process's environment and working directory; `InvalidInput` names the first bad one."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"FABRIC_{'_'.join(map(str, first['loc'])).upper()}"
        raise InvalidInput(
            f"The setting {name} cannot be used ({first['msg']}); correct it in the environment or in .env, "
            "see docs/settings.md."
        ) from None
