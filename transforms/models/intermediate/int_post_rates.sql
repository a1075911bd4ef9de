with measures as (
    select workspace_id, platform, account_id, post_id, measure, value
    from {{ ref('int_post_measures') }}
),

parts as (
    select
        posts.workspace_id,
        posts.owner,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.published_date,
        posts.published_month,
        rates.rate,
        max(case when measures.measure = rates.numerator then measures.value end) as numerator,
        max(case when measures.measure = rates.denominator then measures.value end) as denominator
    from {{ ref('int_posts') }} as posts
    cross join {{ ref('rates') }} as rates
    left join measures
        on
            posts.workspace_id = measures.workspace_id
            and posts.platform = measures.platform
            and posts.account_id = measures.account_id
            and posts.post_id = measures.post_id
            and measures.measure in (rates.numerator, rates.denominator)
    group by
        posts.workspace_id, posts.owner, posts.platform, posts.account_id, posts.post_id, posts.published_date,
        posts.published_month, rates.rate
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
    numerator is not null and denominator is not null as has_both,
    {{ ratio('numerator', 'denominator') }} as value
from parts
