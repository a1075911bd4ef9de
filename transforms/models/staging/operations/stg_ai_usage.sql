select
    workspace_id,
    usage_id,
    called_at,
    task,
    tier,
    provider,
    model,
    outcome,
    cache_hit,
    latency_ms,
    tokens_in,
    tokens_out,
    tokens_cached,
    cost_microusd,
    input_hash,
    prompt_version,
    artefact_kind,
    artefact_id
from {{ source('raw', 'op_ai_usage') }}
where {{ known('called_at') }}
