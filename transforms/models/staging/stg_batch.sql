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
),

owned as (
    select workspace_id, batch_id, owner from {{ source('raw', 'content') }}
    union
    select workspace_id, batch_id, owner from {{ source('raw', 'metric_observation') }}
),

owners as (
    -- 'own' sorts after 'competitor': a batch that holds anything of the brand's own counts as own
    select workspace_id, batch_id, max(owner) as owner
    from owned
    group by workspace_id, batch_id
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
left join owners
    on batches.workspace_id = owners.workspace_id and batches.batch_id = owners.batch_id
