{{ config(materialized='table') }}

with timeline as (
    -- readings of the account and moments of publishing on one line, readings first at the same instant
    select
        readings.workspace_id, readings.platform, readings.account_id, readings.metric, readings.period_end as moment,
        1 as turn, readings.observed_at, readings.batch_id, readings.source_line, readings.value,
        cast(null as varchar) as post_id
    from {{ ref('stg_account_reading') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'point'
    where readings.entity_type = 'account' and readings.state = 'observed'
    union all
    select
        posts.workspace_id, posts.platform, posts.account_id, metrics.metric, posts.published_at as moment, 2 as turn,
        posts.observed_at, null as batch_id, null as source_line, null as value, posts.post_id
    from {{ ref('int_post_versions') }} as posts
    cross join {{ ref('metrics') }} as metrics
    where posts.published_at is not null and metrics.entity = 'account' and metrics.time_basis = 'point'
),

carried as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric as measure,
        last_value(value ignore nulls) over (
            partition by workspace_id, platform, account_id, metric
            order by moment, turn, observed_at, batch_id, source_line, value
            rows between unbounded preceding and current row
        ) as value
    from timeline
)

select workspace_id, platform, account_id, post_id, measure, value
from carried
where post_id is not null and value is not null
