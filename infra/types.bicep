@export()
@description('Tags of every resource: which system, which environment, and whatever else the house asks for.')
type tagsType = {
  system: string
  environment: string
  *: string
}

@export()
@description('A mobile number that alerts are sent to.')
type phoneType = {
  @description('Country code without plus, such as 49.')
  countryCode: string
  number: string
}

@export()
@description('Who hears of alerts and of the budget.')
type receiversType = {
  @minLength(1)
  mails: string[]
  @description('Addresses that get the common alert schema as JSON, such as those of a paging service.')
  webhooks: string[]
  phones: phoneType[]
}

@export()
@description('A rule over the workspace: how many rows a query finds in a window of time.')
type queryAlertType = {
  name: string
  title: string
  severity: 0 | 1 | 2 | 3
  window: 'PT5M' | 'PT15M' | 'PT30M' | 'PT1H'
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  query: string
}
