with days as (
    -- a vendor's day lies on the local day that holds its middle; longer periods are no days
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.metric,
        cast(
            {{ local_time('(readings.period_start + interval 12 hour)', 'workspaces.zone') }} as date
        ) as day,
        readings.value,
        readings.state,
        readings.period_end,
        readings.observed_at,
        readings.batch_id,
        readings.source_line,
        metrics.additive_days,
        metrics.additive_accounts
    from {{ ref('int_account_observations') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'period'
    inner join {{ ref('stg_workspace') }} as workspaces
        on readings.workspace_id = workspaces.workspace_id
    where
        readings.owner = 'own'
        and readings.entity_type = 'account'
        and {{ hours_between('readings.period_start', 'readings.period_end') }} between 22 and 26
),

newest as (
    -- a reading with a value outranks a later one without: what was observed once stays known
    select
        workspace_id, platform, account_id, metric, day, value, state, period_end, observed_at, additive_days,
        additive_accounts
    from days
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, metric, day
            order by
                case when state = 'observed' then 1 else 2 end,
                observed_at desc, period_end desc, batch_id desc, source_line desc, value desc, state
        ) = 1
)

select
    workspace_id,
    platform,
    account_id,
    metric,
    day,
    cast(date_trunc('week', day) as date) as week,
    value,
    state,
    observed_at,
    {{ hours_between('period_end', 'observed_at') }} as hours_after_day,
    additive_days,
    additive_accounts
from newest
