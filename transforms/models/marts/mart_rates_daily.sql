with summed as (
    select
        workspace_id,
        platform,
        account_id,
        published_date as day,
        rate,
        count(*) as posts,
        count(case when has_both then 1 end) as posts_with_rate,
        {{ exact_sum('case when has_both then numerator end') }} as numerator,
        {{ exact_sum('case when has_both then denominator end') }} as denominator
    from {{ ref('int_post_rates') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, published_date, rate
)

select
    workspace_id,
    platform,
    account_id,
    day,
    rate,
    posts,
    posts_with_rate,
    numerator,
    denominator,
    {{ ratio('numerator', 'denominator') }} as value
from summed
