with batches as (
    select
        workspace_id,
        batch_id,
        source,
        source_file,
        observed_at,
        landed_at,
        contents,
        observations,
        rejections
    from {{ source('raw', 'batch') }}
    where {{ known('observed_at') }}
)

select
    batches.workspace_id,
    batches.batch_id,
    batches.source,
    batches.source_file,
    coalesce(owners.owner, 'unknown') as owner,
    batches.observed_at,
    batches.landed_at,
    batches.contents,
    batches.observations,
    batches.rejections
from batches
left join {{ ref('stg_batch_owner') }} as owners
    on batches.workspace_id = owners.workspace_id and batches.batch_id = owners.batch_id
