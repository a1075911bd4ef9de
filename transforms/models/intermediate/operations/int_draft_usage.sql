select
    workspace_id,
    artefact_id as draft_id,
    count(*) as calls,
    count(cost_microusd) as calls_priced,
    round({{ exact_sum('cost_microusd') }} / 1000000, 6) as cost_usd
from {{ ref('stg_ai_usage') }}
where artefact_kind = 'draft'
group by workspace_id, artefact_id
