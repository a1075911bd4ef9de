with posts as (
    select
        workspace_id,
        platform,
        account_id,
        max(account_name) as account_name,
        min(published_date) as first_day,
        max(published_date) as last_day,
        max(observed_at) as read_at
    from {{ ref('int_posts') }}
    where owner = 'own'
    group by workspace_id, platform, account_id
),

period_days as (
    select
        workspace_id,
        platform,
        account_id,
        min(day) as first_day,
        max(day) as last_day,
        max(observed_at) as read_at
    from {{ ref('int_account_days') }}
    where state = 'observed'
    group by workspace_id, platform, account_id
),

readings as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        min(case when points.metric is not null and readings.state = 'observed' then readings.period_end end)
            as first_at,
        max(case when points.metric is not null and readings.state = 'observed' then readings.period_end end)
            as last_at,
        max(readings.observed_at) as read_at
    from {{ ref('int_account_observations') }} as readings
    left join {{ ref('metrics') }} as points
        on readings.metric = points.metric and points.entity = 'account' and points.time_basis = 'point'
    where readings.owner = 'own' and readings.entity_type = 'account'
    group by readings.workspace_id, readings.platform, readings.account_id
),

every_account as (
    select workspace_id, platform, account_id, account_name, first_day, last_day, read_at
    from posts
    union all
    select workspace_id, platform, account_id, cast(null as varchar) as account_name, first_day, last_day, read_at
    from period_days
    union all
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        cast(null as varchar) as account_name,
        cast({{ local_time('readings.first_at', 'workspaces.zone') }} as date) as first_day,
        cast({{ local_time('readings.last_at', 'workspaces.zone') }} as date) as last_day,
        readings.read_at
    from readings
    inner join {{ ref('stg_workspace') }} as workspaces
        on readings.workspace_id = workspaces.workspace_id
),

spans as (
    select
        workspace_id,
        platform,
        account_id,
        max(account_name) as account_name,
        min(first_day) as first_day,
        max(last_day) as last_day,
        max(read_at) as read_at
    from every_account
    group by workspace_id, platform, account_id
    having min(first_day) is not null
)

select
    spans.workspace_id,
    spans.platform,
    spans.account_id,
    -- an account without a post has told no name
    coalesce(spans.account_name, spans.account_id) as account_name,
    spans.first_day,
    spans.last_day,
    cast(date_trunc('week', spans.first_day) as date) as first_week,
    cast(date_trunc('week', spans.last_day) as date) as last_week,
    cast({{ local_time('spans.read_at', 'workspaces.zone') }} as date) as read_day
from spans
inner join {{ ref('stg_workspace') }} as workspaces
    on spans.workspace_id = workspaces.workspace_id
