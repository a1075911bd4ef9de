with counts as (
    select workspace_id, platform, account_id, published_date as day, count(*) as posts
    from {{ ref('int_posts') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, published_date
),

summed as (
    select
        workspace_id,
        platform,
        account_id,
        published_date as day,
        rate,
        count(case when has_both then 1 end) as posts_with_rate,
        {{ exact_sum('case when has_both then numerator end') }} as numerator,
        {{ exact_sum('case when has_both then denominator end') }} as denominator
    from {{ ref('int_post_rates') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, published_date, rate
)

select
    summed.workspace_id,
    summed.platform,
    summed.account_id,
    summed.day,
    summed.rate,
    counts.posts,
    summed.posts_with_rate,
    summed.numerator,
    summed.denominator,
    {{ ratio('summed.numerator', 'summed.denominator') }} as value
from summed
inner join counts
    on
        summed.workspace_id = counts.workspace_id
        and summed.platform = counts.platform
        and summed.account_id = counts.account_id
        and summed.day = counts.day
