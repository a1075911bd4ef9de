with counts as (
    select
        workspace_id,
        platform,
        published_month as month,
        count(*) as posts,
        count(engagements_public) as posts_with_engagement,
        round(median(engagements_public), 9) as median_engagements_public
    from {{ ref('int_post_summary') }}
    where owner = 'own' and published_month is not null
    group by workspace_id, platform, published_month
),

sums as (
    select
        workspace_id,
        platform,
        published_month as month,
        {{- additive_sums(['engagements_public', 'views', 'impressions']) }}
    from {{ ref('int_post_measures') }}
    where owner = 'own' and published_month is not null
    group by workspace_id, platform, published_month
),

summed_rates as (
    select
        workspace_id,
        platform,
        published_month as month,
        rate,
        {{ exact_sum('case when has_both then numerator end') }} as numerator,
        {{ exact_sum('case when has_both then denominator end') }} as denominator,
        count(case when has_both then 1 end) as posts_with_rate
    from {{ ref('int_post_rates') }}
    where owner = 'own' and published_month is not null
    group by workspace_id, platform, published_month, rate
),

rates as (
    select
        workspace_id,
        platform,
        month,
        {{- pivot_one('rate', ratio('numerator', 'denominator'), wide_rates()) }},
        {%- for rate in wide_rates() %}
        max(case when rate = '{{ rate }}' then posts_with_rate end) as {{ rate }}_posts
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from summed_rates
    group by workspace_id, platform, month
)

select
    counts.workspace_id,
    counts.platform,
    counts.month,
    counts.posts,
    counts.posts_with_engagement,
    sums.engagements_public,
    counts.median_engagements_public,
    sums.views,
    sums.impressions,
    {%- for rate in wide_rates() %}
    rates.{{ rate }},
    {%- endfor %}
    {%- for rate in wide_rates() %}
    -- a share of posts, not a metric: a rate that the platform cannot have rests on none
    case when rates.{{ rate }}_posts is null then 0 else round(rates.{{ rate }}_posts / counts.posts, 9) end
        as {{ rate | replace('engagement_rate', 'coverage') }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from counts
left join sums
    on
        counts.workspace_id = sums.workspace_id
        and counts.platform = sums.platform
        and counts.month = sums.month
left join rates
    on
        counts.workspace_id = rates.workspace_id
        and counts.platform = rates.platform
        and counts.month = rates.month
