select
    accounts.workspace_id,
    accounts.platform,
    accounts.month,
    accounts.owner,
    accounts.account_id,
    accounts.account_name,
    accounts.observed_whole,
    voice.competitors,
    accounts.posts,
    -- without an own account and a competitor there is nothing to have a share of
    case
        when voice.share_of_posts is not null
            then round({{ ratio('accounts.posts', '(voice.own_posts + voice.competitor_posts)') }}, 9)
    end as share_of_posts,
    accounts.posts_measured,
    round({{ ratio('accounts.posts_measured', 'accounts.posts') }}, 9) as coverage,
    accounts.engagements_public,
    voice.competitors_measured,
    case
        when voice.share_of_engagements is not null
            then
                round(
                    {{ ratio(
                        'accounts.engagements_public',
                        '(voice.own_engagements_public + voice.competitor_engagements_public)'
                    ) }},
                    9
                )
    end as share_of_engagements
from {{ ref('int_voice_months') }} as accounts
inner join {{ ref('mart_share_of_voice') }} as voice
    on
        accounts.workspace_id = voice.workspace_id
        and accounts.platform = voice.platform
        and accounts.month = voice.month
