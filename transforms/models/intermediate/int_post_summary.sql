select
    posts.workspace_id,
    posts.owner,
    posts.platform,
    posts.account_id,
    posts.account_name,
    posts.post_id,
    posts.content_type,
    posts.title,
    posts.body,
    posts.url,
    posts.published_at,
    posts.published_local,
    posts.published_date,
    posts.published_month,
    posts.local_weekday,
    posts.local_hour,
    greatest(posts.observed_at, wide.metrics_observed_at) as observed_at,
    {{ hours_between('posts.published_at', 'greatest(posts.observed_at, wide.metrics_observed_at)') }} as age_hours,
    posts.topic,
    {%- for column in wide_metrics() + wide_rates() %}
    wide.{{ column }},
    {%- endfor %}
    wide.engagements_public_28d,
    wide.basis_28d,
    percentiles.percentile_28d
from {{ ref('int_posts') }} as posts
left join {{ ref('int_post_wide') }} as wide
    on
        posts.workspace_id = wide.workspace_id
        and posts.platform = wide.platform
        and posts.account_id = wide.account_id
        and posts.post_id = wide.post_id
left join {{ ref('int_post_percentiles') }} as percentiles
    on
        posts.workspace_id = percentiles.workspace_id
        and posts.platform = percentiles.platform
        and posts.account_id = percentiles.account_id
        and posts.post_id = percentiles.post_id
