with measures as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- additive_values(post_sums()) }},
        {{- pivot_one('measure', 'value', post_means()) }}
    from {{ ref('int_post_measures') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, post_id
),

rates as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {%- for rate in wide_rates() %}
        max(case when rate = '{{ rate }}' and has_both then numerator end) as {{ rate }}_numerator,
        max(case when rate = '{{ rate }}' and has_both then denominator end) as {{ rate }}_denominator
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_post_rates') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, post_id
),

at_7_days as (
    -- a value that leans on a reading of much later would mix what was counted then into the week
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {%- for name in compared_measures() %}
        max(case when metric = '{{ name }}' then value end) as {{ name }}_7d
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_post_metrics_at_age') }}
    where
        age_hours = 168
        and basis <> 'extrapolated'
        and (reading_after_hours is null or reading_after_hours <= 336)
    group by workspace_id, platform, account_id, post_id
)

select
    posts.workspace_id,
    posts.platform,
    posts.account_id,
    posts.post_id,
    coalesce(posts.content_type, 'unknown') as content_type,
    coalesce(posts.topic, 'none') as pillar,
    posts.published_date as day,
    cast(date_trunc('week', posts.published_date) as date) as week,
    {%- for name in post_sums() + post_means() %}
    measures.{{ name }},
    {%- endfor %}
    {%- for rate in wide_rates() %}
    rates.{{ rate }}_numerator,
    rates.{{ rate }}_denominator,
    {%- endfor %}
    {%- for name in compared_measures() %}
    at_7_days.{{ name }}_7d,
    {%- endfor %}
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
left join at_7_days
    on
        posts.workspace_id = at_7_days.workspace_id
        and posts.platform = at_7_days.platform
        and posts.account_id = at_7_days.account_id
        and posts.post_id = at_7_days.post_id
left join {{ ref('int_post_percentiles') }} as percentiles
    on
        posts.workspace_id = percentiles.workspace_id
        and posts.platform = percentiles.platform
        and posts.account_id = percentiles.account_id
        and posts.post_id = percentiles.post_id
where posts.owner = 'own' and posts.published_date is not null
