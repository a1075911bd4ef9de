with months as (
    select distinct workspace_id, platform, published_month as month
    from {{ ref('int_public_posts') }}
    where published_month is not null and has_side
),

-- an account counts in a month when it was observed on a day of it: then no post is a count of zero
observed as (
    select
        voices.workspace_id,
        voices.platform,
        months.month,
        voices.owner,
        voices.account_id,
        voices.account_name,
        voices.first_day <= months.month and voices.last_day >= last_day(months.month) as observed_whole
    from {{ ref('int_voices') }} as voices
    inner join months
        on
            voices.workspace_id = months.workspace_id
            and voices.platform = months.platform
            and voices.first_day <= last_day(months.month)
            and voices.last_day >= months.month
)

select
    observed.workspace_id,
    observed.platform,
    observed.month,
    observed.owner,
    observed.account_id,
    observed.account_name,
    observed.observed_whole,
    count(posts.post_id) as posts,
    count(posts.engagements_public) as posts_measured,
    {{ exact_sum('posts.engagements_public') }} as engagements_public
from observed
left join {{ ref('int_public_posts') }} as posts
    on
        observed.workspace_id = posts.workspace_id
        and observed.platform = posts.platform
        and observed.account_id = posts.account_id
        and observed.owner = posts.owner
        and observed.month = posts.published_month
group by
    observed.workspace_id, observed.platform, observed.month, observed.owner, observed.account_id,
    observed.account_name, observed.observed_whole
