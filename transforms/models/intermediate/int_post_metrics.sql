with readings as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        post_id,
        metric,
        value,
        state,
        observed_at,
        -- a reading with a value outranks a later one without: what was observed once stays known
        row_number() over (
            partition by workspace_id, platform, account_id, post_id, metric
            order by
                case when state = 'observed' then 1 else 2 end,
                observed_at desc, period_end desc, batch_id desc, source_line desc, value desc
        ) as recency,
        lag(value) over (
            partition by workspace_id, platform, account_id, post_id, metric, state
            order by observed_at, period_end, batch_id, source_line, value
        ) as value_before
    from {{ ref('int_post_readings') }}
)

select
    workspace_id,
    owner,
    platform,
    account_id,
    post_id,
    metric,
    max(case when recency = 1 then value end) as value,
    max(case when recency = 1 then state end) as state,
    max(case when recency = 1 then observed_at end) as observed_at,
    min(observed_at) as first_observed_at,
    count(*) as readings,
    count(case when value <> value_before then 1 end) as changes
from readings
group by workspace_id, owner, platform, account_id, post_id, metric
