{{ config(materialized=grown(), incremental_strategy='touched') }}

with parts as (
    select rate, numerator as measure, 'numerator' as part from {{ ref('rates') }}
    union all
    select rate, denominator as measure, 'denominator' as part from {{ ref('rates') }}
),

known as (
    select
        measures.workspace_id,
        measures.platform,
        measures.account_id,
        measures.post_id,
        parts.rate,
        max(case when parts.part = 'numerator' then measures.value end) as numerator,
        max(case when parts.part = 'denominator' then measures.value end) as denominator
    from {{ ref('int_post_measures') }} as measures
    {%- if grows() %}
    {{ of_touched('measures') }}
    {%- endif %}
    inner join parts on measures.measure = parts.measure
    group by measures.workspace_id, measures.platform, measures.account_id, measures.post_id, parts.rate
),

judged as (
    select
        posts.workspace_id,
        posts.owner,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.published_date,
        posts.published_month,
        rates.rate,
        known.numerator,
        known.denominator,
        -- a part that is larger than its whole, or a count below 0, is a contradiction of the source
        known.numerator is not null
        and known.denominator is not null
        and (
            rates.part_of_whole is not true
            or (known.numerator >= 0 and known.numerator <= known.denominator)
        ) as has_both
    from {{ ref('int_posts') }} as posts
    {%- if grows() %}
    {{ of_touched('posts') }}
    {%- endif %}
    inner join {{ ref('rates') }} as rates
        on rates.platform is null or posts.platform = rates.platform
    left join {{ ref('int_platform_rates') }} as possible
        on posts.platform = possible.platform and rates.rate = possible.rate
    left join known
        on
            posts.workspace_id = known.workspace_id
            and posts.platform = known.platform
            and posts.account_id = known.account_id
            and posts.post_id = known.post_id
            and rates.rate = known.rate
    -- a source may give what the registry does not expect of the platform
    where possible.rate is not null or (known.numerator is not null and known.denominator is not null)
)

select
    workspace_id,
    owner,
    platform,
    account_id,
    post_id,
    published_date,
    published_month,
    rate,
    numerator,
    denominator,
    has_both,
    case when has_both then {{ ratio('numerator', 'denominator') }} end as value
from judged
