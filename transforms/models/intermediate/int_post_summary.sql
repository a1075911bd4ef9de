with measures as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('measure', 'value', wide_metrics()) }}
    from {{ ref('int_post_measures') }}
    group by workspace_id, platform, account_id, post_id
),

rates as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('rate', 'value', wide_rates()) }}
    from {{ ref('int_post_rates') }}
    group by workspace_id, platform, account_id, post_id
),

seen as (
    select workspace_id, platform, account_id, post_id, max(observed_at) as observed_at
    from {{ ref('int_post_metrics') }}
    group by workspace_id, platform, account_id, post_id
)

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
    greatest(posts.observed_at, seen.observed_at) as observed_at,
    {{ hours_between('posts.published_at', 'greatest(posts.observed_at, seen.observed_at)') }} as age_hours,
    posts.topic,
    {%- for metric in wide_metrics() %}
    measures.{{ metric }},
    {%- endfor %}
    {%- for rate in wide_rates() %}
    rates.{{ rate }},
    {%- endfor %}
    percentiles.engagements_public_28d,
    percentiles.basis_28d,
    percentiles.percentile_28d
from {{ ref('int_posts') }} as posts
left join measures
    on
        posts.workspace_id = measures.workspace_id
        and posts.platform = measures.platform
        and posts.account_id = measures.account_id
        and posts.post_id = measures.post_id
left join rates
    on
        posts.workspace_id = rates.workspace_id
        and posts.platform = rates.platform
        and posts.account_id = rates.account_id
        and posts.post_id = rates.post_id
left join seen
    on
        posts.workspace_id = seen.workspace_id
        and posts.platform = seen.platform
        and posts.account_id = seen.account_id
        and posts.post_id = seen.post_id
left join {{ ref('int_post_percentiles') }} as percentiles
    on
        posts.workspace_id = percentiles.workspace_id
        and posts.platform = percentiles.platform
        and posts.account_id = percentiles.account_id
        and posts.post_id = percentiles.post_id
