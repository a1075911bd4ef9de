with readings as (
    -- one value per instant of reading
    select
        observations.workspace_id,
        observations.owner,
        observations.platform,
        observations.account_id,
        observations.entity_type,
        observations.entity_id,
        observations.metric,
        metrics.time_basis,
        observations.period_start,
        observations.period_end,
        observations.value,
        observations.observed_at
    from {{ ref('int_account_observations') }} as observations
    inner join {{ ref('metrics') }} as metrics
        on observations.metric = metrics.metric
    where observations.state = 'observed' and metrics.time_basis in ('period', 'point')
    qualify
        row_number() over (
            partition by
                observations.workspace_id, observations.platform, observations.account_id, observations.entity_type,
                observations.entity_id, observations.metric, observations.period_start, observations.period_end,
                observations.observed_at
            order by observations.batch_id desc, observations.source_line desc, observations.value desc
        ) = 1
),

compared as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        entity_type,
        entity_id,
        metric,
        time_basis,
        period_start,
        period_end,
        lag(value) over (
            partition by
                workspace_id, platform, account_id, entity_type, entity_id, metric, period_start, period_end
            order by observed_at
        ) as value_before,
        lag(observed_at) over (
            partition by
                workspace_id, platform, account_id, entity_type, entity_id, metric, period_start, period_end
            order by observed_at
        ) as seen_before,
        value as value_after,
        observed_at as seen_after
    from readings
),

changed as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        entity_type,
        entity_id,
        metric,
        case time_basis when 'period' then 'period_restated' else 'point_restated' end as kind,
        period_start,
        period_end,
        value_before,
        seen_before,
        value_after,
        seen_after
    from compared
    where value_after <> value_before

    union all

    select
        workspace_id,
        owner,
        platform,
        account_id,
        'post' as entity_type,
        post_id as entity_id,
        metric,
        'counter_fell' as kind,
        null as period_start,
        null as period_end,
        value_before,
        seen_before,
        value_after,
        seen_after
    from {{ ref('int_post_falls') }}
)

select
    changed.workspace_id,
    changed.owner,
    changed.platform,
    changed.account_id,
    changed.entity_type,
    changed.entity_id,
    changed.metric,
    changed.kind,
    changed.period_start,
    changed.period_end,
    changed.value_before,
    changed.seen_before,
    changed.value_after,
    changed.seen_after,
    changed.value_after - changed.value_before as difference,
    round({{ ratio('changed.value_after', 'changed.value_before') }}, 9) as ratio,
    row_number() over (
        partition by
            changed.workspace_id, changed.platform, changed.account_id, changed.entity_type, changed.entity_id,
            changed.metric, changed.period_start, changed.period_end
        order by changed.seen_after
    ) as revision
from changed
