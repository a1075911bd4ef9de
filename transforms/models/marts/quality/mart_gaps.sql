with runs as (
    select
        workspace_id,
        platform,
        account_id,
        account_name,
        source,
        stream,
        window_start,
        window_end,
        started_at,
        status,
        message,
        sync_id
    from {{ ref('stg_sync_run') }}
),

done as (
    select workspace_id, platform, account_id, stream, window_start, window_end, started_at
    from runs
    where status = 'done'
),

uncovered as (
    -- an attempt that failed is a gap until a later one that succeeded reaches over its window
    select runs.*
    from runs
    left join done
        on
            runs.workspace_id = done.workspace_id
            and runs.platform = done.platform
            and runs.account_id = done.account_id
            and runs.stream = done.stream
            and runs.started_at < done.started_at
            and runs.window_start >= done.window_start
            and runs.window_end <= done.window_end
    where runs.status in ('failed', 'partial') and done.started_at is null
),

newest_attempts as (
    select
        *,
        count(*) over (partition by workspace_id, platform, account_id, stream, window_start) as attempts,
        min(started_at) over (partition by workspace_id, platform, account_id, stream, window_start) as found_at
    from uncovered
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, stream, window_start order by started_at desc, sync_id desc
        ) = 1
),

lost as (
    select
        *,
        cast(1 as bigint) as attempts,
        started_at as found_at
    from runs
    where status = 'lost'
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, stream, window_start order by window_end desc, started_at, sync_id
        ) = 1
),

windows as (
    select *, 'not_read' as kind from newest_attempts
    union all
    select *, 'lost' as kind from lost
),

readings as (
    select distinct workspace_id, platform, account_id, reading_date as day
    from {{ ref('int_account_readings') }}
    where metric = 'followers'
),

-- a connected account is promised a reading of its followers every day; no platform tells past days' again
promised as (
    select
        runs.workspace_id,
        runs.platform,
        runs.account_id,
        max(runs.account_name) as account_name,
        max(runs.source) as source,
        min(cast({{ local_time('runs.started_at', 'workspaces.zone') }} as date)) as first_day,
        max(cast({{ local_time('runs.started_at', 'workspaces.zone') }} as date)) as last_day
    from runs
    left join {{ ref('stg_workspace') }} as workspaces on runs.workspace_id = workspaces.workspace_id
    where runs.stream = 'account' and runs.status = 'done'
    group by runs.workspace_id, runs.platform, runs.account_id
),

followed as (
    select distinct promised.*
    from promised
    inner join readings
        on
            promised.workspace_id = readings.workspace_id
            and promised.platform = readings.platform
            and promised.account_id = readings.account_id
),

days as (
    select
        workspace_id,
        platform,
        account_id,
        account_name,
        source,
        {{ each_day('first_day', 'last_day') }} as day
    from followed
),

missed as (
    select days.*
    from days
    left join readings
        on
            days.workspace_id = readings.workspace_id
            and days.platform = readings.platform
            and days.account_id = readings.account_id
            and days.day = readings.day
    where readings.day is null
)

select
    windows.workspace_id,
    windows.platform,
    windows.account_id,
    windows.account_name,
    windows.source,
    windows.stream,
    windows.kind,
    cast(null as varchar) as metric,
    cast({{ local_time('windows.window_start', 'workspaces.zone') }} as date) as first_day,
    cast({{ local_time('windows.window_end', 'workspaces.zone') }} as date) as last_day,
    windows.window_start,
    windows.window_end,
    windows.attempts,
    windows.found_at,
    windows.message
from windows
left join {{ ref('stg_workspace') }} as workspaces on windows.workspace_id = workspaces.workspace_id
union all
select
    workspace_id,
    platform,
    account_id,
    account_name,
    source,
    'account' as stream,
    'missed_day' as kind,
    'followers' as metric,
    day as first_day,
    day as last_day,
    cast(null as timestamp with time zone) as window_start,
    cast(null as timestamp with time zone) as window_end,
    cast(null as bigint) as attempts,
    cast(null as timestamp with time zone) as found_at,
    cast(null as varchar) as message
from missed
