with at_28_days as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        engagements_public_28d,
        basis_28d,
        count(*) over (partition by workspace_id, platform, account_id) as posts_compared,
        percent_rank() over (
            partition by workspace_id, platform, account_id order by engagements_public_28d
        ) as percentile
    from {{ ref('int_post_wide') }}
    where owner = 'own' and engagements_public_28d is not null
)

select
    workspace_id,
    platform,
    account_id,
    post_id,
    engagements_public_28d,
    basis_28d,
    case when posts_compared >= 5 then round(percentile, 9) end as percentile_28d
from at_28_days
