with own_accounts as (
    select distinct workspace_id, platform, account_id
    from {{ ref('int_posts') }}
    where owner = 'own'
),

own_names as (
    select distinct workspace_id, platform, lower(trim(account_name)) as account_name
    from {{ ref('int_posts') }}
    where owner = 'own'
),

followers as (
    select workspace_id, platform, account_id, post_id, value
    from {{ ref('int_post_measures') }}
    where measure = 'followers'
)

select
    posts.workspace_id,
    -- an account that is the brand's own stays its own, whoever's list it was read from
    case when own_accounts.account_id is not null then 'own' else posts.owner end as owner,
    posts.owner <> 'own' and (own_accounts.account_id is not null or own_names.account_name is not null) as own_brand,
    posts.platform,
    posts.account_id,
    posts.account_name,
    posts.post_id,
    posts.published_at,
    posts.published_date,
    cast(date_trunc('week', posts.published_date) as date) as published_week,
    posts.published_month,
    posts.observed_at,
    posts.engagements_public,
    followers.value as followers_at_publish
from {{ ref('int_post_summary') }} as posts
left join own_accounts
    on
        posts.workspace_id = own_accounts.workspace_id
        and posts.platform = own_accounts.platform
        and posts.account_id = own_accounts.account_id
left join own_names
    on
        posts.workspace_id = own_names.workspace_id
        and posts.platform = own_names.platform
        and lower(trim(posts.account_name)) = own_names.account_name
left join followers
    on
        posts.workspace_id = followers.workspace_id
        and posts.platform = followers.platform
        and posts.account_id = followers.account_id
        and posts.post_id = followers.post_id
