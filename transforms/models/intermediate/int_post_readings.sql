select
    readings.workspace_id,
    readings.platform,
    readings.account_id,
    readings.entity_id as post_id,
    posts.owner,
    readings.metric,
    readings.value,
    readings.state,
    readings.observed_at,
    readings.period_end,
    readings.batch_id,
    readings.source_line,
    {{ hours_between('posts.published_at', 'readings.observed_at') }} as age_hours
from {{ ref('stg_metric_observation') }} as readings
inner join {{ ref('int_posts') }} as posts
    on
        readings.workspace_id = posts.workspace_id
        and readings.platform = posts.platform
        and readings.account_id = posts.account_id
        and readings.entity_id = posts.post_id
where readings.entity_type = 'post'
