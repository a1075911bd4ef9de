select
    workspace_id,
    source,
    owner,
    count(*) as batches,
    cast(sum(contents) as bigint) as contents,
    cast(sum(observations) as bigint) as observations,
    cast(sum(rejections) as bigint) as rejections,
    min(observed_at) as first_observed_at,
    max(observed_at) as last_observed_at
from {{ ref('stg_batch') }}
group by workspace_id, source, owner
