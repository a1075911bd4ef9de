with accounts as (
    select
        workspace_id,
        platform,
        month,
        owner,
        account_id,
        account_name,
        observed_whole,
        posts,
        posts_measured,
        engagements_public
    from {{ ref('int_voice_months') }}
),

voices as (
    select
        workspace_id,
        platform,
        month,
        {{ sorted_list("case when owner = 'competitor' then account_name end") }} as competitors,
        {{ sorted_list("case when owner = 'competitor' and posts_measured > 0 then account_name end") }}
            as competitors_measured,
        -- without an own account and a competitor there is nothing to have a share of
        case when count(distinct owner) = 2 then sum(posts) end as posts,
        case when count(distinct case when posts_measured > 0 then owner end) = 2 then {{ exact_sum('engagements_public') }} end
            as engagements_public
    from accounts
    group by workspace_id, platform, month
)

select
    accounts.workspace_id,
    accounts.platform,
    accounts.month,
    accounts.owner,
    accounts.account_id,
    accounts.account_name,
    accounts.observed_whole,
    voices.competitors,
    accounts.posts,
    round({{ ratio('accounts.posts', 'voices.posts') }}, 9) as share_of_posts,
    accounts.posts_measured,
    round({{ ratio('accounts.posts_measured', 'accounts.posts') }}, 9) as coverage,
    accounts.engagements_public,
    voices.competitors_measured,
    round({{ ratio('accounts.engagements_public', 'voices.engagements_public') }}, 9) as share_of_engagements
from accounts
inner join voices
    on
        accounts.workspace_id = voices.workspace_id
        and accounts.platform = voices.platform
        and accounts.month = voices.month
