select
    outliers.workspace_id,
    outliers.owner,
    outliers.platform,
    outliers.account_id,
    posts.account_name,
    outliers.post_id,
    posts.title,
    posts.url,
    posts.published_at,
    outliers.week,
    outliers.value as engagements_public,
    outliers.age_hours,
    outliers.basis,
    outliers.weeks as set_weeks,
    outliers.others as set_posts,
    outliers.mean as set_mean,
    outliers.deviation as set_deviation,
    outliers.z
from {{ ref('int_post_outliers') }} as outliers
inner join {{ ref('int_posts') }} as posts
    on
        outliers.workspace_id = posts.workspace_id
        and outliers.platform = posts.platform
        and outliers.account_id = posts.account_id
        and outliers.post_id = posts.post_id
where outliers.is_breakout
