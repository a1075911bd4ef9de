with received as (
    select
        workspace_id,
        source,
        owner,
        count(*) as batches,
        cast(sum(contents) as bigint) as contents,
        cast(sum(observations) as bigint) as observations,
        cast(sum(rejections) as bigint) as rejections,
        min(observed_at) as first_observed_at,
        max(observed_at) as last_observed_at,
        max(landed_at) as last_landed_at
    from {{ ref('stg_batch') }}
    group by workspace_id, source, owner
),

newest as (
    select workspace_id, source, owner, batch_id, source_file
    from {{ ref('stg_batch') }}
    qualify
        row_number() over (
            partition by workspace_id, source, owner order by observed_at desc, landed_at desc, batch_id desc
        ) = 1
),

instants as (
    select distinct workspace_id, source, owner, observed_at from {{ ref('stg_batch') }}
),

pauses as (
    select
        workspace_id,
        source,
        owner,
        observed_at,
        lag(observed_at) over (partition by workspace_id, source, owner order by observed_at) as observed_before
    from instants
),

rhythms as (
    -- fewer than four pauses are no rhythm
    select
        workspace_id,
        source,
        owner,
        round(median({{ hours_between('observed_before', 'observed_at') }}), 6) as usual_hours
    from pauses
    where observed_before is not null
    group by workspace_id, source, owner
    having count(*) >= 4
),

attempts as (
    select
        workspace_id,
        source,
        max(every_hours) as promised_hours,
        max(case when status <> 'lost' then started_at end) as last_tried_at,
        max(case when status = 'done' then started_at end) as last_read_at
    from {{ ref('stg_sync_run') }}
    group by workspace_id, source
),

refused as (
    select workspace_id, source, count(*) as refused_batches, max(landed_at) as last_refused_at
    from {{ ref('stg_refused_batch') }}
    group by workspace_id, source
),

put_aside as (
    select workspace_id, source, count(*) as quarantined
    from {{ ref('stg_quarantine') }}
    group by workspace_id, source
),

known_sources as (
    select workspace_id, source, owner from received
    union
    -- a source that was only ever tried, or only ever refused, is there too
    select attempts.workspace_id, attempts.source, 'own' as owner
    from attempts
    left join received on attempts.workspace_id = received.workspace_id and attempts.source = received.source
    where received.source is null
    union
    select refused.workspace_id, refused.source, 'unknown' as owner
    from refused
    left join received on refused.workspace_id = received.workspace_id and refused.source = received.source
    left join attempts on refused.workspace_id = attempts.workspace_id and refused.source = attempts.source
    where received.source is null and attempts.source is null
)

select
    known_sources.workspace_id,
    known_sources.source,
    known_sources.owner,
    case when received.batches is null then 0 else received.batches end as batches,
    case when received.batches is null then 0 else received.contents end as contents,
    case when received.batches is null then 0 else received.observations end as observations,
    case when received.batches is null then 0 else received.rejections end as rejections,
    received.first_observed_at,
    received.last_observed_at,
    received.last_landed_at,
    newest.batch_id as last_batch_id,
    newest.source_file as last_source_file,
    attempts.promised_hours,
    rhythms.usual_hours,
    attempts.last_tried_at,
    attempts.last_read_at,
    case when put_aside.quarantined is null then 0 else put_aside.quarantined end as quarantined,
    case when refused.refused_batches is null then 0 else refused.refused_batches end as refused_batches,
    refused.last_refused_at
from known_sources
left join received
    on
        known_sources.workspace_id = received.workspace_id
        and known_sources.source = received.source
        and known_sources.owner = received.owner
left join newest
    on
        known_sources.workspace_id = newest.workspace_id
        and known_sources.source = newest.source
        and known_sources.owner = newest.owner
left join rhythms
    on
        known_sources.workspace_id = rhythms.workspace_id
        and known_sources.source = rhythms.source
        and known_sources.owner = rhythms.owner
left join attempts
    on known_sources.workspace_id = attempts.workspace_id and known_sources.source = attempts.source
left join refused
    on known_sources.workspace_id = refused.workspace_id and known_sources.source = refused.source
left join put_aside
    on known_sources.workspace_id = put_aside.workspace_id and known_sources.source = put_aside.source
